import { expect, test, vi } from 'vitest'
import { createEvents } from './events.ts'

test('a listener that throws, or fails later, harms neither the process nor the others', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {})
  const events = createEvents(Promise.resolve(null), () => null)
  const heard: string[] = []
  events.on(() => {
    throw new Error('at once')
  })
  events.on(() => Promise.reject(new Error('later')))
  events.on((event) => void heard.push(event))
  await vi.waitFor(() => expect(heard).toEqual(['INITIAL_SESSION']))
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(2))
  events.emit('SIGNED_OUT', null)
  await vi.waitFor(() => expect(heard).toEqual(['INITIAL_SESSION', 'SIGNED_OUT']))
  told.mockRestore()
})
