import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { answerTo, challengeOf, claimOf, parseSchemas } from '../../../gateway/collect/http-event/digest.ts';

/** RFC 7616 §3.9.1. */
const login = { username: 'Mufasa', password: 'Circle of Life' };
const asked = {
  method: 'GET',
  uri: '/dir/index.html',
  nonceCount: 1,
  clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
};
const md5 =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const sha256 = md5.replace('MD5', 'SHA-256');

describe('the example of RFC 7616 §3.9.1', () => {
  it.each([
    ['MD5', md5, '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', sha256, '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('%s', (_name, header, response) => {
    const challenge = challengeOf([header]);
    expect(challenge).toBeDefined();
    if (!challenge) return;
    const parameters = parseSchemas(answerTo(challenge, login, asked))[0]?.parameters;
    expect(Object.fromEntries(parameters ?? [])).toMatchObject({
      username: 'Mufasa',
      uri: '/dir/index.html',
      qop: 'auth',
      nc: '00000001',
      response,
      opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
    });
  });
  it('the stronger of two challenges is answered, in one header or in two', () => {
    expect(challengeOf([md5, sha256])?.algorithm).toBe('SHA-256');
    expect(challengeOf([`${md5}, ${sha256}, Basic realm="x"`])?.algorithm).toBe('SHA-256');
  });
});

test('the example of RFC 2617 §3.5, which old cameras speak: no algorithm said means MD5', () => {
  const challenge = challengeOf([
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  ]);
  if (!challenge) throw new Error('not understood');
  const header = answerTo(challenge, { username: 'Mufasa', password: 'Circle Of Life' }, { ...asked, clientNonce: '0a4f113b' });
  expect(header).toContain('response="6629fae49393a05397450978507c4ef1"');
});

test('what cannot be answered is not: an unknown algorithm, auth-int alone, no nonce, Basic', () => {
  expect(challengeOf(['Digest realm="r", nonce="n", algorithm=SHA-512-256'])).toBeUndefined();
  expect(challengeOf(['Digest realm="r", nonce="n", qop="auth-int"'])).toBeUndefined();
  expect(challengeOf(['Digest realm="r"'])).toBeUndefined();
  expect(challengeOf(['Basic realm="r"'])).toBeUndefined();
});

test('a nonce that has grown stale is told from a wrong password', () => {
  expect(challengeOf(['Digest realm="r", nonce="n", stale=TRUE'])?.isStale).toBe(true);
  expect(challengeOf(['Digest realm="r", nonce="n", stale="false"'])?.isStale).toBe(false);
});

test('a claim proves one password, one method and one address', () => {
  for (const header of [md5, sha256]) {
    const challenge = challengeOf([header]);
    if (!challenge) throw new Error('not understood');
    const answer = answerTo(challenge, { username: 'door"1\\', password: 'pä' }, asked);
    const claim = claimOf(answer, 'GET', '/dir/index.html', 'http-auth@example.org');
    expect([claim?.username, claim?.count, claim?.proves('pä'), claim?.proves('pa')]).toEqual(['door"1\\', 1, true, false]);
    expect(claimOf(answer, 'PUT', '/dir/index.html', 'http-auth@example.org')?.proves('pä')).toBe(false);
    expect(claimOf(answer, 'GET', '/other', 'http-auth@example.org')).toBeUndefined();
    expect(claimOf(answer, 'GET', '/dir/index.html', 'another realm')).toBeUndefined();
  }
});

test('no header crashes it', () => {
  const piece = fc.constantFrom('Digest ', 'Basic', 'realm=', '"', '\\', ',', ' ', 'nonce="n"', '=', 'qop=auth', 'x');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: piece })), (header) => {
      challengeOf([header]);
      claimOf(header, 'GET', '/', 'r')?.proves('x');
    }),
    { numRuns: 2_000 },
  );
  for (const evil of ['a', '"', '\\', ',', ' ', '=', 'a=', 'a="', 'Digest ']) challengeOf([evil.repeat(100_000)]);
});
