// Package cache keeps an exact local mirror of iMednet studies in one SQLite file.
package cache
