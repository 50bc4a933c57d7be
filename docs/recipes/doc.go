// Package recipes has the programs of docs/recipes.md, as tests. There is nothing
// in it to import.
package recipes
