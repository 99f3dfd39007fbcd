import { createSecureContext } from "node:tls";
import type { SessionTls } from "../smtp/session-handler.ts";

/** A self-signed certificate for mail.contoso.test, for tests on loopback only. */
export const FAKE_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBrTCCAVOgAwIBAgIUYKEgdEMpTwYX0aN4VVHX+DwafikwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRbWFpbC5jb250b3NvLnRlc3QwIBcNMjYxMTIxMDMwOTEyWhgP
MjEyNjEwMjgwMzA5MTJaMBwxGjAYBgNVBAMMEW1haWwuY29udG9zby50ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENdjIDxjirQivZwFr3I09osidDWctY5C6
0d78cT6i55fzUncLTJt259gTMlrY4l90r7cGtWsCCifLj/jurFXYsaNxMG8wHQYD
VR0OBBYEFFYPBNqxxE5q9PxQ24+oGWhnM/EzMB8GA1UdIwQYMBaAFFYPBNqxxE5q
9PxQ24+oGWhnM/EzMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRbWFpbC5j
b250b3NvLnRlc3QwCgYIKoZIzj0EAwIDSAAwRQIhANbTiqwC//5WugIpx5B5XfPF
CrGcrOwHWKZba+/ltTwaAiBJ51mnJP6HLZt2GQw1SZQTJUHGVrRPOvkBgETdjS8h
ng==
-----END CERTIFICATE-----
`;

/** Its key. */
export const FAKE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMw8fZqx0KM7dpamq
TXbJIbqt54qmCACgCuLgiRboDVWhRANCAAQ12MgPGOKtCK9nAWvcjT2iyJ0NZy1j
kLrR3vxxPqLnl/NSdwtMm3bn2BMyWtjiX3Svtwa1awIKJ8uP+O6sVdix
-----END PRIVATE KEY-----
`;

const CONTEXT = createSecureContext({ cert: FAKE_CERTIFICATE, key: FAKE_KEY });

/** The same certificate whatever name is asked for. */
export const fakeServerTls: SessionTls = {
  secureContext: () => CONTEXT,
  heedsServerName: true,
  requestsCertificate: false,
};
