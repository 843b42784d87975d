using System.Globalization;

namespace SlimtaFast.TestKit.Processes;

/// <summary>A user of this machine with a home folder, for the time of a test that runs as root.</summary>
public sealed class TemporaryUser : IAsyncDisposable
{
    private TemporaryUser(string name) => Name = name;

    /// <summary>The login name.</summary>
    public string Name { get; }

    /// <summary>Makes a user whose home is an existing folder, which becomes its own.</summary>
    public static async Task<TemporaryUser> CreateAsync(string home)
    {
        var user = new TemporaryUser(string.Create(CultureInfo.InvariantCulture, $"slimta-{Environment.ProcessId}"));
        (int code, string output) = await RunningProgram.RunAsync("/usr/sbin/useradd", ["--no-create-home", "--home-dir", home, user.Name]);
        if (code != 0)
            throw new InvalidOperationException($"useradd ended with {code}: {output}");
        await RunningProgram.RunAsync("chown", ["-R", user.Name, home]);
        return user;
    }

    /// <summary>Removes the user.</summary>
    public async ValueTask DisposeAsync() => await RunningProgram.RunAsync("/usr/sbin/userdel", [Name]);
}
