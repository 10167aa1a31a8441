import { render } from 'preact';
import { App } from './app.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/components.css';
import './styles/table.css';
import './styles/overview.css';
import './styles/workloads.css';
import './styles/workload.css';

render(<App />, document.getElementById('app') as HTMLElement);
