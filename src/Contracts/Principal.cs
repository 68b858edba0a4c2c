namespace VioActors.Contracts;

/// <summary>What a principal may do; see docs/reference/api.md for the full table. Deny is the default.</summary>
public enum Role
{
    /// <summary>Sees everything of the site, changes nothing.</summary>
    Viewer,

    /// <summary>Creates environments and does anything with those it owns; sees nothing of others.</summary>
    Owner,

    /// <summary>Works on hosts and moves, resizes, starts and stops nodes of any environment.</summary>
    Operator,

    /// <summary>Everything, users and join tokens included.</summary>
    Admin,

    /// <summary>A host's agent, known by its certificate. Never a person.</summary>
    Agent,

    /// <summary>The site itself: timers, recovery, its own servers.</summary>
    System,
}

/// <summary>Who asked. Every command carries it and every event records it.</summary>
/// <param name="Name">User name, host id, or <c>system</c>.</param>
/// <param name="Role">What it may do.</param>
public sealed record Principal(string Name, Role Role)
{
    /// <summary>The site itself.</summary>
    public static readonly Principal System = new("system", Role.System);

    /// <summary>The manager of adaptation: events and operations show what it did by itself.</summary>
    public static readonly Principal Adaptation = new("adaptation", Role.System);

    /// <summary>The stored form, <c>role:name</c>.</summary>
    public override string ToString() => $"{Role.ToString().ToLowerInvariant()}:{Name}";

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The role is unknown or the name is missing.</exception>
    public static Principal Parse(string text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0 || colon == text.Length - 1
            || !Enum.TryParse<Role>(text[..colon], ignoreCase: true, out var role))
            throw new FormatException($"'{text}' is not a principal: expected role:name.");
        return new Principal(text[(colon + 1)..], role);
    }

    /// <summary>Whether this principal may see something that <paramref name="owner"/> owns.</summary>
    public bool MaySee(string owner) =>
        Role is Role.Viewer or Role.Operator or Role.Admin or Role.System || (Role == Role.Owner && Name == owner);

    /// <summary>
    /// Whether this principal may apply a new spec to, or delete, what <paramref name="owner"/> owns.
    /// </summary>
    public bool MayChange(string owner) => Role is Role.Admin or Role.System || (Role == Role.Owner && Name == owner);

    /// <summary>
    /// Whether this principal may move, resize, start or stop nodes that <paramref name="owner"/> owns.
    /// </summary>
    public bool MayOperate(string owner) => Role == Role.Operator || MayChange(owner);

    /// <summary>Whether this principal may work on hosts of the site.</summary>
    public bool MayOperateHosts => Role is Role.Operator or Role.Admin or Role.System;

    /// <summary>Whether this principal may manage users, tokens and images.</summary>
    public bool MayAdminister => Role is Role.Admin or Role.System;
}
