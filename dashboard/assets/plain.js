export default function ({ data, parentElement, setTriggerValue }) {
  const place = root(parentElement);
  patch(place, data.nodes);
  follow(place, setTriggerValue);
}
