// Package shortfall decides when rows that are missing are too many to have been removed by people.
package shortfall

// FarBelow reports whether fewer rows came than removals explain: people do not delete more than a
// fifth of the announced rows while one listing runs.
func FarBelow(rows, announced int64) bool { return (announced-rows)*5 > announced }

// Suspicious reports whether so many of the rows held are missing that a lost permission explains it
// better than removals: more than half, or more than a fifth and at least ten.
func Suspicious(held, missing int64) bool {
	return missing > 0 && (missing >= 10 && missing*5 > held || missing*2 > held)
}
