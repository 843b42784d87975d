namespace SlimtaFast.Storage.Tests.Disk.Files.Linux;

/// <summary>A test of what only Linux has; reported as not run elsewhere.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "Needs Linux.";
    }
}
