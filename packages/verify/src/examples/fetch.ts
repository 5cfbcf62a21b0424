import { bearerToken, refusal, TokenError, type Verifier } from '@latchkey/verify'

export const createApp =
  (verifier: Verifier) =>
  async (request: Request): Promise<Response> => {
    try {
      const { user_id } = await verifier(bearerToken(request.headers.get('Authorization')))
      return Response.json({ user_id })
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      const { status, headers, body } = refusal(error, verifier)
      return new Response(body, { status, headers })
    }
  }
