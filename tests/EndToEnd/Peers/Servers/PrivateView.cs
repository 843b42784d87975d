using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Peers.Servers;

/// <summary>
/// Runs a server out of an unpacked package in a mount namespace of its own: the users that the package would have made, and the folders
/// whose names are compiled in, are there for this server only.
/// </summary>
internal static class PrivateView
{
    /// <summary>Starts a program that sees each second path as the first.</summary>
    public static RunningProgram Start(IEnumerable<(string Real, string Seen)> binds, string program, params string[] arguments)
    {
        string mounts = string.Concat(binds.Select(bind => $"mount --bind '{bind.Real}' '{bind.Seen}' && "));
        return RunningProgram.Start("unshare", ["--mount", "--propagation", "private", "sh", "-c", mounts + "exec \"$@\"", "sh", program, .. arguments]);
    }

    /// <summary>Writes copies of the machine's users and groups with more of them, and a hosts file for IPv4 only.</summary>
    public static async Task<IReadOnlyList<(string Real, string Seen)>> WriteUsersAsync(TemporaryFolder folder, params (string Name, int Id, string Home)[] users)
    {
        string passwd = await File.ReadAllTextAsync("/etc/passwd"), group = await File.ReadAllTextAsync("/etc/group");
        foreach ((string name, int id, string home) in users)
        {
            passwd += $"{name}:x:{id}:{id}::{home}:/usr/sbin/nologin\n";
            group += $"{name}:x:{id}:\n";
        }

        await File.WriteAllTextAsync(folder["passwd"], passwd);
        await File.WriteAllTextAsync(folder["group"], group);
        await File.WriteAllTextAsync(folder["hosts"], "127.0.0.1 localhost\n");
        return [(folder["passwd"], "/etc/passwd"), (folder["group"], "/etc/group"), (folder["hosts"], "/etc/hosts")];
    }
}
