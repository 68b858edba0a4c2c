namespace VioActors.Runtime;

/// <summary>The kinds of actors of one system. Filled before the start, read only after.</summary>
internal sealed class ActorCatalog
{
    private readonly Dictionary<string, ActorShell> _shells = new(StringComparer.Ordinal);

    public IEnumerable<string> Kinds => _shells.Keys;

    public void Add(ActorShell shell)
    {
        if (!_shells.TryAdd(shell.Kind, shell))
            throw new ArgumentException($"Two actors are registered for kind '{shell.Kind}'.", nameof(shell));
    }

    public ActorShell? Find(ActorKey actor) => _shells.GetValueOrDefault(actor.Kind);

    /// <exception cref="ArgumentException">No actor of that kind is registered, or the id is empty or too
    /// long.</exception>
    public void Require(ActorKey actor)
    {
        if (!_shells.ContainsKey(actor.Kind ?? ""))
            throw new ArgumentException($"No actor is registered for kind '{actor.Kind}' (of {actor}).", nameof(actor));
        if (actor.Id is not { Length: > 0 and <= ActorKey.MaxIdLength })
            throw new ArgumentException(
                $"The id of {actor} must have 1 to {ActorKey.MaxIdLength} characters.", nameof(actor));
    }
}
