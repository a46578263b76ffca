# Usage: awk -f tools/help.awk Makefile        (make help)
# Prints the targets that carry a "## …" comment, under their "##@ …" groups.
BEGIN { FS = ":.*## "; print "make TARGET [NAME=value …]" }
/^##@ / { printf "\n%s\n", substr($0, 5) }
/^[a-z0-9-]+:.*## / { printf "  %-17s %s\n", $1, $2 }
