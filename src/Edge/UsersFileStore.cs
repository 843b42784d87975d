using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Edge.Diagnostics;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Users out of a <see cref="UsersFile"/>. The file is looked at again when a user is asked for and a second has passed; a changed file
/// counts at once, one that cannot be read leaves the users as they were and is logged. Thread-safe.
/// </summary>
public sealed class UsersFileStore : ICredentialStore, IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Snapshot _current;

    private UsersFileStore(string path, Snapshot first, TimeProvider time, ILogger? log)
    {
        _path = path;
        _current = first;
        _time = time;
        _log = log ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    public CredentialAbilities Abilities => CredentialAbilities.Verifiers;

    /// <summary>
    /// Opens a file, which must be there and be right: throws <see cref="IOException"/>, <see cref="UnauthorizedAccessException"/> or
    /// <see cref="FormatException"/> where not.
    /// </summary>
    public static UsersFileStore Open(string path, TimeProvider? time = null, ILogger<UsersFileStore>? log = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        time ??= TimeProvider.System;
        return new UsersFileStore(path, Read(path, GetStamp(path), time.GetTimestamp()), time, log);
    }

    /// <inheritdoc/>
    public ValueTask<Credential?> FindAsync(string userName, CancellationToken cancellationToken)
    {
        Snapshot now = _current;
        return _time.GetElapsedTime(now.LookedAt) < LookInterval
            ? ValueTask.FromResult<Credential?>(Find(now, userName))
            : LookAndFindAsync(userName, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private async ValueTask<Credential?> LookAndFindAsync(string userName, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_time.GetElapsedTime(_current.LookedAt) >= LookInterval)
                // A slow disk must not stop the connections of this thread.
                _current = await Task.Run(Look, cancellationToken);
        }
        finally
        {
            _reading.Release();
        }

        return Find(_current, userName);
    }

    private Snapshot Look()
    {
        Snapshot old = _current;
        long now = _time.GetTimestamp();
        (DateTime, long) stamp = default;
        try
        {
            stamp = GetStamp(_path);
            if (stamp == old.Stamp)
                return old with { LookedAt = now };
            Snapshot read = Read(_path, stamp, now);
            EdgeAuthLog.UsersRead(_log, _path, read.Users.Names.Count);
            return read;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            // Told once for each state of the file, not once a second.
            if (stamp != old.Stamp)
                EdgeAuthLog.UsersNotRead(_log, _path, failure);
            return old with { Stamp = stamp, LookedAt = now };
        }
    }

    // Somebody unknown gets the same number of iterations, and the same salt also after a restart.
    private static Credential Find(Snapshot now, string userName) =>
        now.Users.Find(userName) ?? Credential.FromVerifier(userName, ScramVerifier.ForUnknown(now.Users.UnknownUserKey.Span, userName, now.Iterations));

    private static Snapshot Read(string path, (DateTime, long) stamp, long now)
    {
        UsersFile users = UsersFile.Parse(File.ReadAllText(path));
        return new Snapshot(users, users.UsualIterations, stamp, now);
    }

    private static (DateTime Written, long Length) GetStamp(string path)
    {
        var file = new FileInfo(path);
        return file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? (target.LastWriteTimeUtc, target.Length) : (file.LastWriteTimeUtc, file.Length);
    }

    private sealed record Snapshot(UsersFile Users, int Iterations, (DateTime Written, long Length) Stamp, long LookedAt);
}
