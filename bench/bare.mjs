// The contract with nothing around it. It trusts whatever it is sent: good for a base line, and for nothing else.
import { createHmac, createSecretKey, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { hash, verify } from '@node-rs/argon2'
import { Pool } from 'pg'

const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const HEAD = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
const key = createSecretKey(randomBytes(32))
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })

await pool.query(`
  create table if not exists person (id serial primary key, email text unique not null, name text not null default '', hash text not null);
  create table if not exists login (token uuid primary key, person int not null references person, ends timestamptz not null)`)

const prepared = (name, text) => (values) => pool.query({ name, text, values, rowMode: 'array' })
const add = prepared('add', 'insert into person (email, hash) values ($1, $2) returning id')
const find = prepared('find', 'select id, hash from person where email = $1')
const open = prepared('open', `insert into login values ($1, $2, now() + interval '30 days')`)
const swap = prepared(
  'swap',
  `update login set token = $2, ends = now() + interval '30 days' where token = $1 and ends > now() returning person`,
)
const show = prepared('show', 'select id, name, email from person where id = $1')
const name = prepared('name', 'update person set name = $2 where id = $1 returning id, name, email')

const macOf = (text) => createHmac('sha256', key).update(text).digest('base64url')
const issue = (id) => {
  const iat = Math.floor(Date.now() / 1000)
  const text = `${HEAD}.${Buffer.from(`{"user_id":${id},"iat":${iat},"exp":${iat + 30}}`).toString('base64url')}`
  return `${text}.${macOf(text)}`
}
const bearer = ({ headers }) => {
  const token = headers.authorization.slice(7)
  const cut = token.lastIndexOf('.')
  const [mine, theirs] = [Buffer.from(macOf(token.slice(0, cut))), Buffer.from(token.slice(cut + 1))]
  const claims = JSON.parse(Buffer.from(token.slice(HEAD.length + 1, cut), 'base64url'))
  return mine.length === theirs.length && timingSafeEqual(mine, theirs) && claims.exp * 1000 > Date.now()
    ? claims.user_id
    : 0
}
const pair = (id, token) => [200, `{"access_token":"${issue(id)}","refresh_token":"${token}"}`]
const NOBODY = [401, '{}']
const profile = ([row]) => (row ? [200, JSON.stringify({ id: row[0], username: row[1], email: row[2] })] : NOBODY)

const CALLS = {
  'POST /api/register/': async (_, { email, password }) => {
    const { rows } = await add([email, await hash(password, ARGON2ID)])
    return [201, JSON.stringify({ id: rows[0][0], email })]
  },
  'POST /api/login/': async (_, { email, password }) => {
    const [[id, stored] = []] = (await find([email])).rows
    if (!id || !(await verify(stored, password))) return NOBODY
    const token = randomUUID()
    await open([token, id])
    return pair(id, token)
  },
  'POST /api/refresh/': async (_, { refresh_token: before }) => {
    const token = randomUUID()
    const { rows } = await swap([before, token])
    return rows.length ? pair(rows[0][0], token) : NOBODY
  },
  'GET /api/me/': async (request) => profile((await show([bearer(request)])).rows),
  'PUT /api/me/': async (request, { username }) => profile((await name([bearer(request), username])).rows),
}

const answer = (response, [status, text]) => {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
createServer((request, response) => {
  const call = CALLS[`${request.method} ${request.url}`]
  const fail = () => answer(response, [500, '{}'])
  if (!call) return fail()
  if (request.method === 'GET') return call(request).then((done) => answer(response, done), fail)
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (part) => (text += part))
  request.on('end', () => call(request, JSON.parse(text)).then((done) => answer(response, done), fail))
}).listen(Number(process.env.PORT), '127.0.0.1')
