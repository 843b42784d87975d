namespace SlimtaFast.Lookup;

/// <summary>
/// Finds the value of a key: a file, a dictionary, or a database behind a package of its own. All members are thread-safe.
/// </summary>
public interface ILookup
{
    /// <summary>
    /// The value, or null where there is none. Keys are compared without regard to case. Fails with <see cref="LookupException"/> where it
    /// could not be found out, which must never be taken for "none"; never blocks.
    /// </summary>
    ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken);
}
