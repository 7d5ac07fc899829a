// Package jsonscan checks JSON and says where its members and elements stand, in one walk and without building anything. It
// accepts exactly what package jsontext does when repeated names and bytes that are no UTF-8 are allowed, as they
// are wherever this library reads. It is for the hot paths, where it takes less than half the time; what must be
// built, written or explained is left to jsontext.
package jsonscan
