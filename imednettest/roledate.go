package imednettest

import (
	"encoding/json"
	"fmt"
	"time"
)

// rewrite writes the role dates of users in this form.
func (d RoleDate) rewrite(users [][]byte) [][]byte {
	if d == RoleDatesMixed {
		return users
	}
	for i, user := range users {
		roles := []byte{'['}
		for role := range elements(valueOf(user, "roles")) {
			if len(roles) > 1 {
				roles = append(roles, ',')
			}
			for _, name := range []string{"dateCreated", "dateModified"} {
				role = withMember(role, name, d.write(valueOf(role, name)))
			}
			roles = append(roles, role...)
		}
		users[i] = withMember(user, "roles", append(roles, ']'))
	}
	return users
}

// write writes one date; what is no array of numbers stays as it is.
func (d RoleDate) write(value []byte) []byte {
	var parts []int
	if json.Unmarshal(value, &parts) != nil || len(parts) < 5 {
		return value
	}
	full := [7]int{}
	copy(full[:], parts)
	switch d {
	case RoleDatesNull:
		return []byte("null")
	case RoleDatesText:
		return appendTime(nil, time.Date(full[0], time.Month(full[1]), full[2], full[3], full[4], full[5], 0, time.UTC).Unix())
	}
	length := int(d[0] - '0')
	dst := []byte{'['}
	for i, part := range full[:length] {
		dst = fmt.Appendf(dst, "%s%d", [2]string{",", ""}[boolIndex(i == 0)], part)
	}
	return append(dst, ']')
}
