import { Argument, type Command } from 'commander'
import { command } from './define.ts'
import { print } from './output.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** `latchkey completion`. */
export function registerCompletion(program: Command): void {
  command(program, 'completion', {
    summary: 'print what makes a shell complete commands, options and names of settings',
    examples: [
      'source <(latchkey completion bash)   # in ~/.bashrc',
      'source <(latchkey completion zsh)    # in ~/.zshrc, after compinit',
      'latchkey completion fish | source    # in ~/.config/fish/config.fish',
    ],
    json: false,
  })
    .addArgument(new Argument('<SHELL>', 'which shell').choices(SHELLS))
    .action(async (shell: Shell) => print((await completionScript(program, shell)).trimEnd()))
}

/** The script for a shell. */
export async function completionScript(program: Command, shell: Shell): Promise<string> {
  const [{ treeOf }, { SETTING_NAMES, AUDIT_EVENT_NAMES }, { bash }, { zsh }, { fish }] = await Promise.all([
    import('./tree.ts'),
    import('@latchkey/core'),
    import('./completion/bash.ts'),
    import('./completion/zsh.ts'),
    import('./completion/fish.ts'),
  ])
  const known = {
    NAME: SETTING_NAMES,
    'NAME=VALUE': SETTING_NAMES.map((name) => `${name}=`),
    EVENT: AUDIT_EVENT_NAMES,
  }
  return { bash, zsh, fish }[shell](treeOf(program), known)
}
