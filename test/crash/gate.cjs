/**
 * Loaded before the program: holds it until strace is attached. The one thread of its pool (UV_THREADPOOL_SIZE=1), which
 * Node starts at the first use, is started here, so that there is a thread to attach to. Tells both threads' numbers.
 */
const { closeSync, readdirSync, readSync, stat, writeSync } = require('node:fs')

const threads = () => readdirSync('/proc/self/task')
const before = threads()
stat('/', () => {})
const [pool] = threads().filter((one) => !before.includes(one))
writeSync(4, JSON.stringify({ main: String(process.pid), pool }))
closeSync(4)
readSync(3, Buffer.alloc(1))
closeSync(3)
