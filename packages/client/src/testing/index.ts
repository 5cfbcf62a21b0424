export { createDevice, type Device, type DeviceOptions, type Tab } from './device.ts'
export { createNetwork, type Fate, type Network, type SentRequest } from './network.ts'
export { simulateTime, type SimulatedTime } from './time.ts'
