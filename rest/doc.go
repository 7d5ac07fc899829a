// Package rest is the client of the iMednet EDC REST API.
package rest
