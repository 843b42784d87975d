namespace SlimtaFast.Storage.Redis.Scripts;

/// <summary>The texts of the scripts that run in the server, where each is one atomic step.</summary>
internal static class ScriptText
{
    /// <summary>Adds new items, all or none.</summary>
    public static readonly string Write = Load("write");

    /// <summary>Replaces a state, or takes the item away, and adds bounces.</summary>
    public static readonly string Update = Load("update");

    /// <summary>Takes an item away.</summary>
    public static readonly string Remove = Load("remove");

    /// <summary>Hands out what is due.</summary>
    public static readonly string Claim = Load("claim");

    /// <summary>Makes leases end later.</summary>
    public static readonly string Renew = Load("renew");

    /// <summary>Gives items back.</summary>
    public static readonly string Release = Load("release");

    /// <summary>Puts messages into the set of due times that are missing there.</summary>
    public static readonly string Rebuild = Load("rebuild");

    /// <summary>Writes a piece of a content.</summary>
    public static readonly string Piece = Read("piece");

    private static string Load(string name) => Read("items") + Read(name);

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(ScriptText).Assembly.GetManifestResourceStream(name + ".lua")!);
        return reader.ReadToEnd();
    }
}
