namespace SlimtaFast.Edge;

/// <summary>How clients of an edge authenticate; an authenticated client may send to any domain. Immutable.</summary>
public sealed record EdgeAuthOptions
{
    /// <summary>Where users and passwords are; null for none.</summary>
    public ICredentialStore? Store { get; init; }

    /// <summary>Who judges bearer tokens; null where they are not taken, and OAUTHBEARER and XOAUTH2 not offered.</summary>
    public ITokenValidator? Tokens { get; init; }

    /// <summary>
    /// Mechanisms out of <see cref="Protocol.SaslMechanisms"/>, in the order in which they are offered; those that store and validator
    /// cannot serve are left out. Null for all that they can serve but CRAM-MD5, the strongest first.
    /// </summary>
    public IReadOnlyList<string>? Mechanisms { get; init; }

    /// <summary>True to take passwords and tokens over connections without TLS. Default false.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>True to take mail only from clients that have authenticated; others get 530. Default false.</summary>
    public bool Required { get; init; }

    /// <summary>The scope that clients with a refused token are told, or null.</summary>
    public string? OAuthScope { get; init; }

    /// <summary>Failed attempts of one connection before it is closed. Default 3.</summary>
    public int MaxFailures { get; init; } = 3;

    /// <summary>
    /// Failed attempts from one address (IPv6: from one /64) within <see cref="FailureMemory"/>; further attempts from there are answered
    /// 421 without being looked at. 0 for no limit. Default 20.
    /// </summary>
    public int MaxFailuresPerAddress { get; init; } = 20;

    /// <summary>
    /// Attempts with a wrong password as one user, from wherever, within <see cref="FailureMemory"/> since the first of them; further ones
    /// with a password are answered 454 without being looked at until it has passed, the right one's too, so it should be far more than
    /// an owner mistypes. Names that do not exist are treated alike; tokens do not count and are not affected, nor are addresses that
    /// <see cref="LoginMemory"/> knows. 0 for no limit. Default 100.
    /// </summary>
    public int MaxFailuresPerAccount { get; init; } = 100;

    /// <summary>
    /// For how long <see cref="MaxFailuresPerAccount"/> does not keep a user out at an address (IPv6: a /64) where the user has shown the right
    /// password, so that nobody who guesses elsewhere keeps the owner out. Zero for not at all. It is forgotten with the process. Default 30 days.
    /// </summary>
    public TimeSpan LoginMemory { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a failed attempt counts against its address and its user. Default 10 minutes.</summary>
    public TimeSpan FailureMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the first failure waits for its answer; each further one from the same address twice as long. Default 1 second.</summary>
    public TimeSpan FailureDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer to a failure waits at most. Default 10 seconds.</summary>
    public TimeSpan MaxFailureDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a password that was right is known without hashing it again; what is kept of it is useless without this process's memory.
    /// Zero for not at all. A password that is changed or a user who is removed may be good for so much longer. Default 30 seconds.
    /// </summary>
    public TimeSpan SuccessMemory { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Password hashes that are computed at once; more wait. Default: the number of processors.</summary>
    public int MaxHashing { get; init; } = Environment.ProcessorCount;
}
