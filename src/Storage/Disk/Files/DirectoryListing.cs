using System.IO.Enumeration;

namespace SlimtaFast.Storage.Disk.Files;

/// <summary>Streams a directory through the runtime's enumerator, which makes no string for a name.</summary>
internal static class DirectoryListing
{
    private static readonly EnumerationOptions All = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    /// <summary>See <see cref="IFileLayer.List"/>.</summary>
    public static void Visit(string directory, NameVisitor visit)
    {
        try
        {
            var entries = new FileSystemEnumerable<bool>(directory, Take, All);
            foreach (bool _ in entries)
            {
                // Taking happens while the enumerator moves.
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing there, nothing to visit.
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DiskException("listing", directory, DiskError.AccessDenied, e);
        }

        bool Take(ref FileSystemEntry entry)
        {
            if (!entry.IsDirectory)
                visit(entry.FileName);
            return true;
        }
    }
}
