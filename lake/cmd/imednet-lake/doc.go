// Imednet-lake writes the studies of a mirror as Apache Iceberg tables and looks after them.
//
//	imednet sync DEMO
//	imednet-lake sync DEMO --catalog postgres://lake@localhost/lake --warehouse /srv/lake
//	imednet-lake tag DEMO lock-1
//	imednet-lake maintain DEMO
//	imednet-lake status DEMO --json
//
// It reads the mirror of the command imednet (package cache), in a file or a PostgreSQL database, and
// never the server. The catalog is that of --catalog or of the environment's IMEDNET_LAKE_CATALOG, the
// warehouse --warehouse or IMEDNET_LAKE_WAREHOUSE, and the mirror --mirror or IMEDNET_LAKE_MIRROR; what
// the catalog and the storage need besides, such as s3.endpoint=https://…, is given by --property, or
// by IMEDNET_LAKE_PROPERTIES, one a line, where a secret such as the token of a REST catalog belongs.
// Credentials of S3 come from the environment as for any program that uses the AWS SDK, and the
// password of a database from ~/.pgpass or PGPASSWORD.
//
// Files on this machine may be read by their owner only (mode 0600) and are durable before a commit
// names them. The exit codes are those of imednet (imednet-lake --help lists them).
package main
