namespace SlimtaFast.TestKit.Files;

/// <summary>A system call that <see cref="FailingSystemCalls"/> can make fail.</summary>
public enum SystemCall
{
    /// <summary><c>fdatasync</c>.</summary>
    FlushData,

    /// <summary><c>fsync</c>.</summary>
    Flush,

    /// <summary><c>pread64</c>.</summary>
    Read,

    /// <summary><c>pwrite64</c>.</summary>
    Write,

    /// <summary><c>pwritev</c>.</summary>
    WriteVector,

    /// <summary><c>fallocate</c>.</summary>
    Allocate,
}
