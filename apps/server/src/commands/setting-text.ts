import { REGISTRY, type SettingName, settingText } from '@latchkey/core'

/** A value of a setting as people write it, whatever came: null is the default, and a newer version may know more. */
export function shownSetting(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'default'
  if (!isSetting(name)) return JSON.stringify(value)
  const parsed = REGISTRY[name].schema.safeParse(value)
  return parsed.success ? shownText(settingText(name, parsed.data)) : JSON.stringify(value)
}

/** An empty list is shown as such, so that nothing looks like a hole. */
export const shownText = (text: string): string => (text === '' ? 'none' : text)

const isSetting = (name: string): name is SettingName => Object.hasOwn(REGISTRY, name)
