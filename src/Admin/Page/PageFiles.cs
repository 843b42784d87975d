using System.Reflection;
using System.Security.Cryptography;

namespace SlimtaFast.Admin.Page;

/// <summary>The files of the page, which are part of this assembly.</summary>
internal static class PageFiles
{
    private const string Prefix = "page/";
    private const string Document = "index.html";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PageFile> All { get; } = Load();

    private static List<PageFile> Load()
    {
        Assembly assembly = typeof(PageFiles).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => Load(assembly, name))];
    }

    private static PageFile Load(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        var octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        string path = name == Prefix + Document ? "/" : "/" + name;
        return new PageFile(path, TypeOf(name), octets, $"\"{Convert.ToHexStringLower(SHA256.HashData(octets))[..32]}\"");
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        string other => throw new InvalidOperationException($"The page has a file of an unknown kind: {other}"),
    };
}
