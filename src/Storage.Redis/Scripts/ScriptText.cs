using System.Security.Cryptography;
using System.Text;

namespace SlimtaFast.Storage.Redis.Scripts;

/// <summary>A script that runs in the server, where it is one atomic step. Immutable.</summary>
internal sealed class ScriptText
{
    /// <summary>Adds new items, all or none.</summary>
    public static readonly ScriptText Write = new("items", "write");

    /// <summary>Replaces a state, or takes the item away, and adds bounces.</summary>
    public static readonly ScriptText Update = new("items", "update");

    /// <summary>Takes an item away.</summary>
    public static readonly ScriptText Remove = new("items", "remove");

    /// <summary>Hands out what is due.</summary>
    public static readonly ScriptText Claim = new("items", "claim");

    /// <summary>Hands out one item by its id.</summary>
    public static readonly ScriptText ClaimOne = new("items", "claimone");

    /// <summary>Names what an operator holds.</summary>
    public static readonly ScriptText Held = new("items", "held");

    /// <summary>Makes leases end later.</summary>
    public static readonly ScriptText Renew = new("items", "renew");

    /// <summary>Gives items back.</summary>
    public static readonly ScriptText Release = new("items", "release");

    /// <summary>Puts messages into the set of due times that are missing there.</summary>
    public static readonly ScriptText Rebuild = new("items", "rebuild");

    /// <summary>Writes a piece of a content.</summary>
    public static readonly ScriptText Piece = new("piece");

    private ScriptText(params string[] parts)
    {
        Text = string.Concat(parts.Select(Read));
#pragma warning disable CA5350 // The server names scripts so; nothing is kept secret by it.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    /// <summary>All of it.</summary>
    public string Text { get; }

    /// <summary>What the server calls it once it has it.</summary>
    public byte[] Hash { get; }

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(ScriptText).Assembly.GetManifestResourceStream(name + ".lua")!);
        return reader.ReadToEnd();
    }
}
