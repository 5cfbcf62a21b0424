import type { Cluster } from '../cluster/cluster.ts'
import type { World } from '../clients/client.ts'
import type { Random } from '../random.ts'
import type { Figures } from '../figures.ts'

/** What a fault works on. */
export interface Scene {
  cluster: Cluster
  world: World
  random: Random
  figures: Figures
}

/** One way to break something. */
export interface Fault {
  /** What it does, for `--list` and the report. */
  what: string
  /** What has to be given for it to make sense. */
  needs?: 'other'
  /** Breaks it, and puts it right; whether all is well again afterwards is for others to see. */
  strike(scene: Scene): Promise<void>
}
