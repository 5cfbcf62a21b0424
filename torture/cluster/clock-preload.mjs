// Loaded before a server whose clock is to be off: its dates are those of a machine that is set wrong by so many
// milliseconds. Monotonic time goes on as it is, as it does on such a machine.
const OFFSET = Number(process.env['TORTURE_CLOCK_OFFSET_MS'])
const RealDate = Date

globalThis.Date = class extends RealDate {
  /** @param {unknown[]} values */
  constructor(...values) {
    // @ts-expect-error -- as many as the caller gives
    super(...(values.length === 0 ? [RealDate.now() + OFFSET] : values))
  }

  static now() {
    return RealDate.now() + OFFSET
  }
}
