// Command bloom turns declarative SQL into PostgreSQL migrations.
package main

func main() {}
