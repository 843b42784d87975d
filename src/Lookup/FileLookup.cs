using SlimtaFast.Lookup.Tables;

namespace SlimtaFast.Lookup;

/// <summary>
/// Finds values in a text file, which it reads again when it has changed: a key and its value on each line, with blanks between them; a
/// key in slashes is a regular expression for whole addresses; # starts a comment line. Replace the file by renaming a new one over it, so
/// that it is never seen half written. Look-ups never touch the file: a changed one is read on another thread, and the old content
/// serves until that is done, or for as long as the new one has a mistake. Thread-safe.
/// </summary>
public sealed class FileLookup : ILookup
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Action<Exception>? _failed;
    private volatile LookupTable _table;
    private (DateTime Changed, long Length) _seen;
    private long _lastLook;
    private int _isLooking;

    /// <summary>Reads the file. Fails with <see cref="IOException"/>, <see cref="UnauthorizedAccessException"/> or <see cref="FormatException"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock; it is looked for changes every five seconds at most.</param>
    /// <param name="failed">Told when a changed file could not be read, on any thread; null for nobody.</param>
    public FileLookup(string path, TimeProvider time, Action<Exception>? failed = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(time);
        _path = path;
        _time = time;
        _failed = failed;
        _seen = Look();
        _table = LookupTable.Read(File.ReadLines(path), path);
        _lastLook = time.GetTimestamp();
    }

    /// <summary>The look for a change that runs, or the last one.</summary>
    internal Task LastLook { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<string?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (_time.GetElapsedTime(Volatile.Read(ref _lastLook)) >= LookEvery && Interlocked.Exchange(ref _isLooking, 1) == 0)
            LastLook = Task.Run(ReadIfChanged, CancellationToken.None);
        return ValueTask.FromResult(_table.Find(key));
    }

    private (DateTime Changed, long Length) Look()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : throw new FileNotFoundException($"There is no file {_path}", _path);
    }

    private void ReadIfChanged()
    {
        try
        {
            (DateTime, long) now = Look();
            if (now == _seen)
                return;
            // A file with a mistake is not read again until it changes, so that the mistake is told once.
            _seen = now;
            _table = LookupTable.Read(File.ReadLines(_path), _path);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or FormatException)
        {
            _failed?.Invoke(trouble);
        }
        finally
        {
            Volatile.Write(ref _lastLook, _time.GetTimestamp());
            Volatile.Write(ref _isLooking, 0);
        }
    }
}
