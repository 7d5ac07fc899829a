package page

import (
	"fmt"
	"strings"
)

// Columns is the path of one column for each count, from left to right in a box, the greatest as high as
// the box. A most of more than the greatest count keeps several plots on one scale.
func Columns(counts []int64, most int64, width, height float64) string {
	for _, n := range counts {
		most = max(most, n)
	}
	if most == 0 {
		return ""
	}
	step := width / float64(len(counts))
	bar := min(max(step-1.5, step*0.6), 26)
	var path strings.Builder
	for i, n := range counts {
		if n == 0 {
			continue
		}
		column(&path, float64(i)*step+(step-bar)/2, height, bar, max(height*float64(n)/float64(most), 0.8))
	}
	return path.String()
}

// RunningTotal is the path of a line through the sums of the counts up to each, in a box as high as the
// whole sum.
func RunningTotal(counts []int64, width, height float64) string {
	whole := int64(0)
	for _, n := range counts {
		whole += n
	}
	if whole == 0 {
		return ""
	}
	var path strings.Builder
	sum, step := int64(0), width/float64(len(counts))
	for i, n := range counts {
		sum += n
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprintf(&path, "%s%s %s", verb, Coordinate((float64(i)+0.5)*step), Coordinate(height*(1-float64(sum)/float64(whole))))
	}
	return path.String()
}
