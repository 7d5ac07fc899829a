package cdisc

import "hash/maphash"

// checksum is of rows in their order, to find out whether two readings gave the same ones. It means
// nothing outside the process.
type checksum uint64

var checksumSeed = maphash.MakeSeed()

func (c *checksum) add(row Row) {
	sum := uint64(*c)
	for i := range row {
		bits := row[i].bits
		if row[i].kind == textValue {
			bits = maphash.String(checksumSeed, row[i].text)
		}
		sum = (sum ^ bits ^ uint64(row[i].kind)<<56) * 0x9e3779b97f4a7c15
		sum ^= sum >> 29
	}
	*c = checksum(sum)
}
