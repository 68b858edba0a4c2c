namespace VioActors.Runtime;

/// <summary>The address of one actor: its kind (for example <c>environment</c>) and its opaque id.</summary>
/// <param name="Kind">Lower-case word that an <see cref="IActor{TState}"/> registered.</param>
/// <param name="Id">Opaque id, made once, never reused; at most 128 characters.</param>
public readonly record struct ActorKey(string Kind, string Id)
{
    /// <summary>Longest id, in characters.</summary>
    public const int MaxIdLength = 128;

    /// <summary>The printed form, <c>kind/id</c>; also how the key is stored.</summary>
    public override string ToString() => $"{Kind}/{Id}";

    /// <summary>Reads the form that <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">There is no <c>/</c>, or one of the two parts is empty.</exception>
    public static ActorKey Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (slash <= 0 || slash == text.Length - 1)
            throw new FormatException($"'{text}' is not an actor key: expected kind/id.");
        return new ActorKey(text[..slash], text[(slash + 1)..]);
    }
}
