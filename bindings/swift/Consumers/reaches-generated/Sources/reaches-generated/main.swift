// The generated module is no product of the package: this must not build.
import BywayGenerated

print(try diagnostics().runningTasks)
