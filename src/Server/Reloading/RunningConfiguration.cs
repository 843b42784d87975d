using Microsoft.Extensions.Configuration;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Reloading;

/// <summary>What the process goes by at present.</summary>
internal sealed class RunningConfiguration
{
    private readonly AcceptedConfiguration _followed;

    /// <summary>Begins with a configuration that has no mistake.</summary>
    /// <param name="input">Where it is from.</param>
    /// <param name="root">What was read there.</param>
    /// <param name="settings">What it says.</param>
    /// <param name="fit">Makes settings into those of this kind of process; throws <see cref="UsageException"/> where they cannot be.</param>
    public RunningConfiguration(ConfigurationInput input, IConfigurationRoot root, ServeSettings settings, Func<ServeSettings, ServeSettings> fit)
    {
        Input = input;
        Root = root;
        First = Settings = settings;
        Fit = fit;
        _followed = new AcceptedConfiguration(root);
        Followed = new ConfigurationBuilder().Add(_followed).Build();
    }

    /// <summary>Where it is read.</summary>
    public ConfigurationInput Input { get; }

    /// <summary>All keys as they count now.</summary>
    public IConfigurationRoot Root { get; private set; }

    /// <summary>What they say.</summary>
    public ServeSettings Settings { get; private set; }

    /// <summary>What they said at the start.</summary>
    public ServeSettings First { get; }

    /// <summary>Makes settings into those of this kind of process.</summary>
    public Func<ServeSettings, ServeSettings> Fit { get; }

    /// <summary>The same keys for those who follow changes by themselves.</summary>
    public IConfigurationRoot Followed { get; }

    /// <summary>Goes by another from now on.</summary>
    public void Accept(IConfigurationRoot root, ServeSettings settings)
    {
        Root = root;
        Settings = settings;
        _followed.Accept(root);
    }
}
