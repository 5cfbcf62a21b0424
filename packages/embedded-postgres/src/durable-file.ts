import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file so that a crash, of the machine too, leaves the whole of it or none. Only its owner can read it. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const unfinished = await open(`${path}.unfinished`, 'w', 0o600)
  try {
    await unfinished.writeFile(text)
    await unfinished.sync()
  } finally {
    await unfinished.close()
  }
  await renameDurably(`${path}.unfinished`, path)
}

/** Renames a file or a folder whose content is on the disk already, and puts its new name there too. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  // Windows cannot open folders, and needs no such thing.
  if (process.platform === 'win32') return
  const folder = await open(dirname(to))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
