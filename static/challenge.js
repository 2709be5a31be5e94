// Solves the puzzle of a form while strangers guess: finds a number with which SHA-256 (FIPS 180-4) of "puzzle:number"
// begins with enough zero bits. The form can be sent when it is found.
"use strict";
(() => {
  const field = document.getElementById("challenge");
  const status = document.getElementById("challenge-status");
  const submit = field.form.querySelector("button[type=submit].primary");
  const fraction = (x) => ((x - Math.floor(x)) * 4294967296) >>> 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const K = Uint32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const START = Uint32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const W = new Uint32Array(64);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  const mix = (state, bytes, at) => {
    for (let i = 0; i < 16; i++, at += 4) {
      W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15], y = W[i - 2];
      W[i] = W[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + W[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const s = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const t = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + t) | 0;
    }
    const sums = [a, b, c, d, e, f, g, h];
    for (let i = 0; i < 8; i++) state[i] += sums[i];
  };

  const encoder = new TextEncoder();
  const head = encoder.encode(field.dataset.puzzle + ":");
  const whole = head.length - (head.length % 64);
  const before = START.slice();
  for (let at = 0; at < whole; at += 64) mix(before, head, at);
  const rest = head.subarray(whole);

  const zeroBits = (number) => {
    const digits = encoder.encode(String(number));
    const length = rest.length + digits.length;
    const tail = new Uint8Array(Math.ceil((length + 9) / 64) * 64);
    tail.set(rest);
    tail.set(digits, rest.length);
    tail[length] = 0x80;
    new DataView(tail.buffer).setUint32(tail.length - 4, (whole + length) * 8);
    const state = before.slice();
    for (let at = 0; at < tail.length; at += 64) mix(state, tail, at);
    const first = state.findIndex((word) => word !== 0);
    return first < 0 ? 256 : first * 32 + Math.clz32(state[first]);
  };

  const wanted = Number(field.dataset.bits);
  let number = 0;
  const work = () => {
    for (const until = number + 4000; number < until; number++) {
      if (zeroBits(number) >= wanted) {
        field.value = field.dataset.puzzle + ":" + number;
        status.textContent = status.dataset.done;
        submit.disabled = false;
        return;
      }
    }
    setTimeout(work);
  };
  status.hidden = false;
  status.textContent = status.dataset.working;
  submit.disabled = true;
  work();
})();
