// Package idtoken verifies ID tokens of OpenID Connect: who signed one, for whom, and whether it is still
// valid. It needs the key set of the provider and a clock, and sends nothing. No error holds a token or
// anything that stands in one.
package idtoken
