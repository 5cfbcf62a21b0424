/**
 * Where a session is kept. `localStorage`, `sessionStorage` and React Native's `AsyncStorage` are such ones as they are.
 * From its first failure on it is left alone, and the session lives in memory.
 */
export interface TokenStorage {
  getItem(key: string): string | null | Promise<string | null>
  setItem(key: string, value: string): void | Promise<void>
  removeItem(key: string): void | Promise<void>
}
