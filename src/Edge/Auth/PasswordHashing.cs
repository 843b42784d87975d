using System.Security.Cryptography;
using System.Text;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge.Auth;

/// <summary>
/// Checks passwords against salted hashes on the thread pool, so many at once, because each takes milliseconds that the connections'
/// threads have not. A password that was right a moment ago is known again by a keyed hash of it. Thread-safe.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    private const int MostRemembered = 10_000;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _slots;
    private readonly TimeProvider _time;
    private readonly TimeSpan _memory;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Dictionary<UInt128, long> _known = [];

    /// <summary>Starts without a memory.</summary>
    public PasswordHashing(int atOnce, TimeSpan memory, TimeProvider time)
    {
        _slots = new SemaphoreSlim(atOnce);
        _memory = memory;
        _time = time;
    }

    /// <summary>True where the password meets the verifier.</summary>
    public async ValueTask<bool> CheckAsync(ScramVerifier verifier, string password, CancellationToken cancellationToken)
    {
        if (_memory <= TimeSpan.Zero)
            return await RunAsync(() => verifier.Matches(password), cancellationToken);
        UInt128 fingerprint = GetFingerprint(verifier, password);
        if (IsKnown(fingerprint))
            return true;
        bool isRight = await RunAsync(() => verifier.Matches(password), cancellationToken);
        if (isRight)
            Remember(fingerprint);
        return isRight;
    }

    /// <summary>Does work that hashes when there is room for it.</summary>
    public async ValueTask<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    // Of the verifier too, so that a changed password is a stranger at once.
    private UInt128 GetFingerprint(ScramVerifier verifier, string password)
    {
        byte[] text = Encoding.UTF8.GetBytes($"{verifier}\0{password}");
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text, hash);
        CryptographicOperations.ZeroMemory(text);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private bool IsKnown(UInt128 fingerprint)
    {
        lock (_lock)
            return _known.TryGetValue(fingerprint, out long since) && _time.GetElapsedTime(since) < _memory;
    }

    private void Remember(UInt128 fingerprint)
    {
        long now = _time.GetTimestamp();
        lock (_lock)
        {
            if (_known.Count >= MostRemembered)
            {
                foreach ((UInt128 old, long since) in _known)
                {
                    if (_time.GetElapsedTime(since) >= _memory)
                        _known.Remove(old);
                }
            }

            if (_known.Count < MostRemembered)
                _known[fingerprint] = now;
        }
    }
}
