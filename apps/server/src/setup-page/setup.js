/* global document, fetch, history, location, window */

// The token stands behind the # of the link, which no browser sends anywhere. From here it goes to this server once.
let token = ''

const byId = (id) => document.getElementById(id)
const form = byId('form')
const inputs = { email: byId('email'), password: byId('password') }
const submit = byId('submit')
const eye = byId('eye')

/** Shows one part of the page, and tells those who do not see it: its heading gets the focus. */
function show(id, focused) {
  for (const part of document.querySelectorAll('main > section')) part.hidden = part.id !== id
  const heading = byId(id).querySelector('h1')
  document.title = `${heading.textContent} · Latchkey`
  ;(focused ?? heading).focus()
}

/** Takes the token out of the address bar: neither the history nor a look over the shoulder shall keep it. */
function takeToken() {
  const given = location.hash.slice(1)
  if (given === '') return
  token = given
  history.replaceState(null, '', location.pathname)
}

/** Puts a sentence below a field, or takes it away. */
function setError(name, message) {
  const shown = byId(`${name}-error`)
  shown.textContent = message
  shown.hidden = message === ''
  if (message === '') inputs[name].removeAttribute('aria-invalid')
  else inputs[name].setAttribute('aria-invalid', 'true')
}

/** Tells what is about no field. The region is always there, since screen readers pass over one that comes with its text. */
function setStatus(message) {
  const shown = document.createElement('p')
  shown.textContent = message
  byId('status').replaceChildren(...(message === '' ? [] : [shown]))
}

function showPassword(visible) {
  inputs.password.type = visible ? 'text' : 'password'
  eye.setAttribute('aria-pressed', String(visible))
}

/** What the server refused: at the field that it is about, and the first of those gets the focus. */
function showErrors(errors) {
  for (const name of Object.keys(inputs)) {
    const own = errors.filter(({ path }) => path[0] === name)
    setError(name, own.map(({ message }) => message).join(' '))
  }
  const first = Object.keys(inputs).find((name) => inputs[name].getAttribute('aria-invalid') === 'true')
  if (first === undefined) setStatus(errors.map(({ message }) => message).join(' '))
  else inputs[first].focus()
}

/** Within '…' of a shell. */
const quoted = (text) => text.replaceAll("'", "'\\''")

function showDone({ email }) {
  byId('done-email').textContent = email
  // Lines that fit: curl sends POST by itself, and a space is a place to break.
  const body = `{"email": ${JSON.stringify(email)}, "password": "…"}`
  byId('done-login').textContent = [
    `curl ${location.origin}/api/login/`,
    '-H "Content-Type: application/json"',
    `-d '${quoted(body)}'`,
  ].join(' \\\n  ')
  token = ''
  inputs.password.value = ''
  showPassword(false)
  show('done')
}

function showRefusal(status, problem) {
  if (problem.code === 'invalid_setup_link') return show('spent')
  if (problem.code === 'invalid_input') return showErrors(problem.errors ?? [])
  if (problem.code === 'email_taken') {
    const message =
      'Another account has this e-mail address. If it is yours, “npx latchkey admin create” makes it an admin.'
    return showErrors([{ path: ['email'], message }])
  }
  if (status === 429 || status === 503) {
    return setStatus('The server is busy just now. Nothing was changed: try again in a few seconds.')
  }
  return setStatus(`That did not work: ${problem.title ?? `answer ${status}`}. The log of the server says more.`)
}

async function send() {
  const sent = { token, email: inputs.email.value, password: inputs.password.value }
  let answer
  let body
  try {
    answer = await fetch('/api/setup/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(sent),
    })
    body = await answer.json()
  } catch {
    return setStatus('The server does not answer. See that it runs, and try again.')
  }
  if (answer.ok) showDone(body)
  else showRefusal(answer.status, body)
}

let sending = false
async function sendOnce() {
  if (sending) return
  sending = true
  // Not `disabled`, which would take the focus away.
  submit.setAttribute('aria-disabled', 'true')
  setStatus('')
  for (const name of Object.keys(inputs)) setError(name, '')
  await send()
  submit.removeAttribute('aria-disabled')
  sending = false
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void sendOnce()
})

eye.addEventListener('click', () => {
  showPassword(inputs.password.type === 'password')
})

function begin() {
  takeToken()
  if (token === '') show('none')
  else show('make', inputs.email)
}

byId('host').textContent = location.host
// Another link that is pasted into this tab loads nothing anew.
window.addEventListener('hashchange', begin)
begin()
