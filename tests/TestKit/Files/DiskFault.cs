namespace SlimtaFast.TestKit.Files;

/// <summary>How a step goes wrong. Where a fault does not fit the step, the nearest that does is meant: each is meaningful at each step.</summary>
public enum DiskFault
{
    /// <summary>Nothing goes wrong.</summary>
    None,

    /// <summary>The step fails with EIO. A failed flush also loses part of what was unflushed, as Linux does.</summary>
    InputOutput,

    /// <summary>The step fails with ENOSPC and does nothing; a flush as with <see cref="InputOutput"/>.</summary>
    NoSpace,

    /// <summary>Half of a write is done, then it fails with ENOSPC. Other steps: as <see cref="NoSpace"/>.</summary>
    ShortWrite,

    /// <summary>The process ends before the step.</summary>
    CrashBefore,

    /// <summary>The process ends with half of a write done. Other steps: as <see cref="CrashBefore"/>.</summary>
    CrashWithin,

    /// <summary>The process ends after the step is done, before anyone hears of it.</summary>
    CrashAfter,
}
