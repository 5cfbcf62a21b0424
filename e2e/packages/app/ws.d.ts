/** The declarations of `@trpc/server` name these two, whether or not an app has `ws`. */
declare module 'ws' {
  namespace ws {
    class WebSocket {}
    class WebSocketServer {}
  }
  export default ws
}
