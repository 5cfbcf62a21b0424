/** The variables that are set, without space around them: what is empty counts as not set. */
export function givenVariables(variables: NodeJS.ProcessEnv): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [name, text = ''] of Object.entries(variables)) if (text.trim() !== '') given[name] = text.trim()
  return given
}
