namespace VioActors.Contracts;

/// <summary>First parts of the keys of our actors, and names of our effects. They never change.</summary>
public static class ActorKinds
{
    /// <summary>One per site, keyed by its id.</summary>
    public const string Site = "site";

    /// <summary>One per host, keyed by its id.</summary>
    public const string Host = "host";

    /// <summary>One per environment, keyed by its id.</summary>
    public const string Environment = "environment";

    /// <summary>One per environment, keyed by the environment's id.</summary>
    public const string Network = "network";

    /// <summary>One per host, keyed by the host's id.</summary>
    public const string Switch = "switch";

    /// <summary>One per site, keyed by the site's id: the manager of adaptation.</summary>
    public const string Adaptation = "adaptation";

    /// <summary>Effect: a command for a host's agent (<see cref="Hosts.AgentCall"/>).</summary>
    public const string AgentEffect = "agent";

    /// <summary>Effect: the wanted state of a host's switch (<see cref="Networks.SwitchCall"/>).</summary>
    public const string SwitchEffect = "switch";

    /// <summary>Effect: look at the site and plan (<see cref="VioActors.Contracts.Adaptation.AdaptRound"/>).</summary>
    public const string AdaptRoundEffect = "adapt-round";

    /// <summary>Effect: a change of a plan (<see cref="VioActors.Contracts.Adaptation.AdaptChange"/>).</summary>
    public const string AdaptChangeEffect = "adapt-change";
}
