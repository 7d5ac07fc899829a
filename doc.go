// Package imednet holds what every part of this library shares: the models of the iMednet EDC
// REST API, the Client interfaces, filters, times, errors, the clock and the study configuration.
package imednet
