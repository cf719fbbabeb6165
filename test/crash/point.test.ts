import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { isChange, isLook, isPoint, readTrace } from './calls.js'
import { nameOf, pointOf } from './point.js'

describe('the name of a point (what `make crash AT=` takes)', (it) => {
  it('says all that a replay needs', () => {
    for (const name of [
      'multus/add/kill/pool/fsync/7/wait',
      'metacni/del/EIO/main/unlink/1/wait',
      'multus/add/kill/host-local/openat/3/kill',
      'multus/add/kill/main/mkdir/2+del/kill/main/rmdir/1/now',
    ]) {
      const point = pointOf(name)
      assert.is(point && nameOf(point), name)
    }
  })

  it('is refused when it is another one', () => {
    for (const name of [
      '',
      'multus',
      'toString/add/kill/pool/fsync/7/wait',
      'multus/add/kill/pool/fsync/0/wait',
      'multus/add/kill/pool/fsync:when=1/7/wait',
      'multus/check/kill/pool/fsync/7/wait',
      'multus/add/kill/pool/fsync/7',
      'multus/add/kill/../fsync/7/wait',
      'multus/del/kill/main/rmdir/1+add/kill/main/mkdir/2/wait',
      'multus/add/kill/main/a/1+del/kill/main/b/1+del/kill/main/c/1/wait',
    ])
      assert.is(pointOf(name), undefined, name)
  })
})

const trace = `7 openat(AT_FDCWD</>, "/var/lib", O_RDONLY) = 3</var/lib>
8 openat(AT_FDCWD</>, "/var/lib/.a.tmp", O_WRONLY|O_CREAT|O_EXCL, 0600 <unfinished ...>
7 write(18<anon_inode:[eventfd]>, "\\1", 8) = 8
8 <... openat resumed>) = 4</var/lib/.a.tmp>
8 write(4</var/lib/.a.tmp>, "{}", 2) = 2
7 read(6<pipe:[11]>, "*", 1) = 1
7 write(5<socket:[12]>, "{}", 2) = 2
7 openat(AT_FDCWD</>, "/etc", O_RDONLY) = 5</etc>
7 --- SIGCHLD {si_signo=SIGCHLD} ---
7 +++ exited with 0 +++
`

describe('the calls of a trace', (it) => {
  const calls = readTrace(trace)

  it('are counted by thread and name, as strace counts them; one that is cut in two once', () => {
    assert.equal(
      calls.map(({ tracee, call, nth }) => `${tracee} ${call} ${nth}`),
      ['7 openat 1', '8 openat 1', '7 write 1', '8 write 1', '7 read 1', '7 write 2', '7 openat 2'],
    )
  })

  it('are read where one thread alone was traced, and strace writes no number', () => {
    assert.equal(
      readTrace('fsync(3</a>) = -1 EIO (Input/output error) (INJECTED)\n+++ exited with 1 +++\n'),
      [
        {
          tracee: '',
          call: 'fsync',
          nth: 1,
          text: 'fsync(3</a>) = -1 EIO (Input/output error) (INJECTED)',
        },
      ],
    )
  })

  it('are points unless threads wake each other by them', () => {
    assert.equal(calls.map(isPoint), [true, true, false, true, false, true, true])
  })

  it('change a disk, or look, or do neither', () => {
    assert.equal(calls.map(isChange), [false, true, false, true, false, false, false])
    assert.equal(calls.map(isLook), [true, false, false, false, true, false, true])
  })
})
