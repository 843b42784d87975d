using System.Security.Cryptography;
using System.Text;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// The contents of a users file: a line <c>NAME:{SCRAM-SHA-256}iterations,salt,StoredKey,ServerKey</c> for each user, and one
/// <c>#key:BASE64</c>, from which the salts of users are made who do not exist. Other lines with <c>#</c> are comments. Names are compared
/// without regard to case. Not thread-safe.
/// </summary>
public sealed class UsersFile
{
    private const string KeyPrefix = "#key:";
    private const int KeyLength = 32;

    private readonly Dictionary<string, Credential> _users = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _comments = [];
    private byte[] _key = RandomNumberGenerator.GetBytes(KeyLength);

    /// <summary>The users' names in order.</summary>
    public IReadOnlyList<string> Names => [.. _users.Keys.Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>From what the salts of unknown users are made.</summary>
    public ReadOnlyMemory<byte> UnknownUserKey => _key;

    /// <summary>Reads the text of a file; throws <see cref="FormatException"/> that names the line, never the secret on it.</summary>
    public static UsersFile Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var file = new UsersFile();
        int number = 0;
        foreach (string line in text.Split('\n').Select(static line => line.Trim()))
        {
            number++;
            if (line.StartsWith(KeyPrefix, StringComparison.Ordinal))
                file._key = ParseKey(line[KeyPrefix.Length..], number);
            else if (line.StartsWith('#'))
                file._comments.Add(line);
            else if (line.Length > 0)
                file.ParseUser(line, number);
        }

        return file;
    }

    /// <summary>Reads a file; an empty one where there is none. Fails with <see cref="IOException"/> or <see cref="FormatException"/>.</summary>
    public static async Task<UsersFile> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            return Parse(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (FileNotFoundException)
        {
            return new UsersFile();
        }
    }

    /// <summary>A user, or null.</summary>
    public Credential? Find(string userName) => _users.GetValueOrDefault(userName);

    /// <summary>The most common number of iterations, which unknown users seem to have too.</summary>
    public int UsualIterations =>
        _users.Values.GroupBy(static user => user.Verifier!.Iterations).OrderByDescending(static group => group.Count()).Select(static group => group.Key).FirstOrDefault(ScramVerifier.DefaultIterations);

    /// <summary>Adds a user, or gives him another password. Throws <see cref="ArgumentException"/> for a name or password that may not be.</summary>
    public void Set(string userName, string password, int iterations = ScramVerifier.DefaultIterations)
    {
        if (WhyNotName(userName) is { } why)
            throw new ArgumentException(why, nameof(userName));
        userName = userName.Normalize(NormalizationForm.FormKC);
        var verifier = ScramVerifier.Create(password, iterations);
        _users.Remove(userName);
        _users.Add(userName, Credential.FromVerifier(userName, verifier));
    }

    /// <summary>Removes a user; false where there is none.</summary>
    public bool Remove(string userName) => _users.Remove(userName);

    /// <summary>The text of the file.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (string comment in _comments)
            text.Append(comment).Append('\n');
        text.Append(KeyPrefix).Append(Convert.ToBase64String(_key)).Append('\n');
        foreach (string name in Names)
            text.Append(name).Append(':').Append(_users[name].Verifier).Append('\n');
        return text.ToString();
    }

    /// <summary>
    /// Writes the file so that a reader, or a crash, finds the old one or the new one; only its owner may read it. The folder must exist.
    /// </summary>
    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // A link stays a link: what it leads to is replaced.
        string target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? Path.GetFullPath(path);
        string scratch = $"{target}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            await using (var stream = new FileStream(scratch, options))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(ToString()), cancellationToken);
                stream.Flush(flushToDisk: true);
            }

            File.Move(scratch, target, overwrite: true);
        }
        catch
        {
            File.Delete(scratch);
            throw;
        }
    }

    private static byte[] ParseKey(string text, int line)
    {
        byte[] key = new byte[KeyLength];
        return Convert.TryFromBase64String(text, key, out int written) && written == KeyLength ? key : throw new FormatException($"line {line}: the key is not {KeyLength} octets in base64");
    }

    private static string? WhyNotName(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name != name.Trim())
            return "A user's name is not empty and has no blanks around it.";
        if (name.StartsWith('#') || name.Contains(':', StringComparison.Ordinal) || name.Any(char.IsControl))
            return "A user's name does not start with # and holds no colon and no control character.";
        return null;
    }

    private void ParseUser(string line, int number)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? "" : line[..colon];
        if (colon < 0 || WhyNotName(name) is not null)
            throw new FormatException($"line {number}: it is not NAME:{{SCRAM-SHA-256}}iterations,salt,StoredKey,ServerKey");
        if (!ScramVerifier.TryParse(line[(colon + 1)..], out ScramVerifier? verifier))
            throw new FormatException($"line {number}: what follows {name}: is not {{SCRAM-SHA-256}}iterations,salt,StoredKey,ServerKey");
        if (!_users.TryAdd(name, Credential.FromVerifier(name, verifier)))
            throw new FormatException($"line {number}: {name} is there twice");
    }
}
