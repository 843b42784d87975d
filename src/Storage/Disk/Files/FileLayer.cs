using System.Runtime.InteropServices;
using SlimtaFast.Storage.Disk.Files.Linux;
using SlimtaFast.Storage.Disk.Files.Portable;

namespace SlimtaFast.Storage.Disk.Files;

/// <summary>Chooses the way to the disk.</summary>
internal static class FileLayer
{
    /// <summary>The real disk of the system that the process runs on.</summary>
    public static IFileLayer ForThisSystem() =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is not (Architecture.X86 or Architecture.Arm)
            ? new LinuxFileLayer()
            : new PortableFileLayer();
}
