using System.Runtime.CompilerServices;
using System.Text;

namespace SlimtaFast.Relay.Pipe;

/// <summary>The environment of a relay's processes, made once. Immutable.</summary>
internal sealed unsafe class ChildEnvironment
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    // Pinned for as long as the vector that points into it lives: both are fields.
    private readonly byte[] _octets;

    /// <summary>Makes an environment.</summary>
    /// <param name="given">Variables that win over all others.</param>
    /// <param name="account">Whose HOME, USER and LOGNAME it has, or null for none.</param>
    /// <exception cref="ArgumentException">A variable cannot be one.</exception>
    public ChildEnvironment(IReadOnlyDictionary<string, string> given, ChildAccount? account)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = DefaultPath };
        if (System.Environment.GetEnvironmentVariable("TZ") is { Length: > 0 } zone)
            variables["TZ"] = zone;
        if (account is not null)
        {
            variables["HOME"] = account.Home;
            variables["USER"] = account.Name;
            variables["LOGNAME"] = account.Name;
        }

        foreach ((string name, string value) in given)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
                throw new ArgumentException($"'{name}' is not the name of a variable, or its value holds a NUL", nameof(given));
            variables[name] = value;
        }

        SearchPath = variables["PATH"];
        var starts = new List<int>();
        var texts = new List<byte>();
        foreach ((string name, string value) in variables)
        {
            starts.Add(texts.Count);
            texts.AddRange(Encoding.UTF8.GetBytes($"{name}={value}\0"));
        }

        _octets = GC.AllocateUninitializedArray<byte>(texts.Count, pinned: true);
        texts.CopyTo(_octets);
        Vector = new nint[starts.Count + 1];
        var first = (nint)Unsafe.AsPointer(ref _octets[0]);
        for (int i = 0; i < starts.Count; i++)
            Vector[i] = first + starts[i];
    }

    /// <summary>Where programs given by name are searched.</summary>
    public string SearchPath { get; }

    /// <summary>Pointers to the variables, the last one null. Use it only while this object is alive.</summary>
    public nint[] Vector { get; }
}
