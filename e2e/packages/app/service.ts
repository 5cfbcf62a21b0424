import { createServer } from 'node:http'
import { createVerifier } from '@latchkey/verify'
import { requireToken } from '@latchkey/verify/node'

const verifier = createVerifier({ issuer: process.argv[2] ?? '' })
const server = createServer(requireToken(verifier, (_, response, { user_id }) => void response.end(`Hello ${user_id}`)))
await verifier.ready()
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())))
